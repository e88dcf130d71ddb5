#!/usr/bin/python3
"""Healthy is what runs as the primary or as its streaming standby, by Patroni's own word."""
import sys
import urllib.request

try:
    urllib.request.urlopen("http://127.0.0.1:8008/health", timeout=2)
except OSError:
    sys.exit(1)
