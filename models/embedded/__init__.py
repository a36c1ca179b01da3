"""The closed world GEMS runs in when nothing is configured: coloured shapes on a plain ground."""
