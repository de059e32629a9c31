"""Web sites in, an archive of pages out."""
