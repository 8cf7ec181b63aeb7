"""Fixed choices of the public pages."""

# The seed of the puppet that stands for a programme, chosen so that no two on the home page look alike.
PUPPETS = {"drama": "6", "puzzles": "1", "speech": "2", "aesthetics": "8", "reading": "6"}
