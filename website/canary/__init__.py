"""The canary: a family nobody is, made and erased each night like any other, and looked for everywhere."""
