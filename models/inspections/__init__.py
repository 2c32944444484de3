"""One visit: answers, measurements, findings, evidence, custody."""
