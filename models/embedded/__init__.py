"""The closed world GEMS runs in when nothing is configured: things and letters in a picture's cells."""
