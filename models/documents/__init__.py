"""Official forms, labels and QR codes."""
