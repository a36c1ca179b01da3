"""What graph servers load by file: ``langgraph dev``, ``langgraph build`` and aegra alike.

A file that is loaded by its path belongs to no package; so here, and only here, imports are absolute.
"""

from gems.app.http.server import SERVER

graph = SERVER.graph
app = SERVER.app
auth = SERVER.auth
checkpointer = SERVER.checkpointer
