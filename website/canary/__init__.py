"""The canary: a family nobody is, made each night like any other, erased like any other, looked for everywhere."""
