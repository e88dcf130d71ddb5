#!/bin/bash
# Healthy is what can serve: asks the app's own readiness. In bash, since a Node process for each look would cost more than an idle app does.
exec 3<>"/dev/tcp/127.0.0.1/$PORT" || exit 1
printf 'GET /health/ready HTTP/1.0\r\nHost: localhost\r\n\r\n' >&3
read -r _ status _ <&3
[ "$status" = 200 ]
