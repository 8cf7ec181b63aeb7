"""What the public pages show, cut out of rows so that templates only lay it out."""
