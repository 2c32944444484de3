"""XLSForm in, answers out."""
