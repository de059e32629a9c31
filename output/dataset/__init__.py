"""Tables declared once, written in several formats, checked, compared, and published atomically."""
