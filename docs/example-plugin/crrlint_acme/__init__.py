"""Rules of Acme, one file each."""
