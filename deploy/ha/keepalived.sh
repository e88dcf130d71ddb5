#!/bin/sh
# Shares the virtual address $VIP (with its prefix length) with its peers by VRRPv3. Runs in the network namespace of a gateway, on the
# interface whose network the address belongs to. Ends when that interface is gone, so that it is started again beside a new gateway.
set -eu
network=${VIP%.*}.
interface=$(ip -o -4 addr show | awk -v network="$network" 'index($4, network) == 1 && $4 !~ /\/32$/ { print $2; exit }')
[ -n "$interface" ] || { echo "no interface in the network of $VIP" >&2; exit 1; }
cat >/tmp/keepalived.conf <<CONF
global_defs {
  router_id ${HOSTNAME}
  vrrp_version 3
  script_user keepalived
  enable_script_security
  # On a host with much to do its adverts must not wait behind those whose absence they tell.
  vrrp_priority -15
  vrrp_garp_master_refresh 5
}
vrrp_script gateway_ready {
  script "/usr/local/bin/gateway-ready.sh"
  interval 1
  timeout 1
  fall 1
  rise 1
}
vrrp_instance gateway {
  # Whoever has the address keeps it: a gateway that returns takes nothing away from connections that work.
  state BACKUP
  nopreempt
  interface ${interface}
  virtual_router_id ${ROUTER_ID:-51}
  priority ${PRIORITY:-100}
  # Taken over after three adverts have failed to come: about 0.2 s.
  advert_int 0.05
  virtual_ipaddress {
    ${VIP}
  }
  track_script {
    gateway_ready
  }
}
CONF
chmod 0600 /tmp/keepalived.conf
keepalived --dont-fork --log-console --use-file /tmp/keepalived.conf --pid /tmp/keepalived.pid --vrrp_pid /tmp/vrrp.pid --vrrp &
child=$!
trap 'kill -TERM $child 2>/dev/null' TERM INT
while kill -0 "$child" 2>/dev/null; do
  ip link show "$interface" >/dev/null 2>&1 || kill -TERM "$child"
  sleep 1 &
  wait $! || true
done
wait "$child" || true
exit 1
