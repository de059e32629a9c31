"""The bundled demo sites: three faces, our own articles, gold records, on loopback."""

from .article import DemoArticle, GoldFinding
from .face import Refused
from .server import PORTS, Demo, PortBusy, Request, serve

__all__ = ["PORTS", "Demo", "DemoArticle", "GoldFinding", "PortBusy", "Refused", "Request", "serve"]
