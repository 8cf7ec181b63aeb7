"""The officers' pages of requests: the inbox, one request, what is done to it, calls, numbers."""
