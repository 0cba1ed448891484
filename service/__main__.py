"""Lets ``python -m service`` do what ``tarih`` does."""

from service.cli import main

main(prog_name="tarih")
