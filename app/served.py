"""What graph servers load by file: ``langgraph dev``, ``langgraph build`` and aegra alike.

A file that is loaded by its path belongs to no package; so here, and only here, imports are absolute.
"""

from gems.graphs.server import served
from gems.graphs.serving import serving

graph = served(serving())
