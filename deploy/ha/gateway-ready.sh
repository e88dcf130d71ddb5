#!/bin/sh
exec curl --silent --fail --output /dev/null --max-time 0.9 http://127.0.0.1:3000/health/ready
