"""What the commands of ``tarih`` do, a module each; their names and options stand in ``cli.py``."""
