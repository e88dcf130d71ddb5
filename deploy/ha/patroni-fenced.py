#!/usr/bin/python3
"""Patroni 3.0 on etcd, with two gaps closed through which a former primary could come back.

A primary that was frozen, replaced, and wakes up renews its lease. Where that has run out Patroni 3.0 writes the key `leader` with a
new one, whoever holds it now. And it takes whoever runs as a primary for the healthiest, so that it would also take a lease that is free for a moment.
Either way its successor would rewind to it, and lose what it has acknowledged meanwhile. Here the key is only renewed where it is unchanged
since it was read, and only who stands in the key `sync`, where a successor writes itself before it is promoted, counts as healthy.
(docs/adr/0032, tools/cluster/mirror.integration.spec.ts)
"""
from patroni.__main__ import main
from patroni.dcs import Leader
from patroni.dcs.etcd3 import Etcd3, ReturnFalseException
from patroni.ha import Ha

patronis_own = Ha.is_healthiest_node


def is_healthiest_node(self):
    sync = self.cluster.sync
    if self.is_synchronous_mode() and sync.leader and self.state_handler.name not in [sync.leader, *sync.members]:
        return False
    return patronis_own(self)


def update_leader(self):
    retry = self._retry.copy()

    def _retry(*args, **kwargs):
        kwargs["retry"] = retry
        return retry(*args, **kwargs)

    self._run_and_handle_exceptions(self._do_refresh_lease, True, retry=_retry)
    leader = self.cluster.leader if self.cluster else None
    if not self._lease or not isinstance(leader, Leader) or leader.name != self._name:
        return False
    if leader.session == self._lease:
        return True
    put = (self._client.put, self.leader_path, self._name, self._lease)
    try:
        return bool(self._run_and_handle_exceptions(*put, mod_revision=leader.index, retry=_retry))
    except ReturnFalseException:
        return False


Ha.is_healthiest_node = is_healthiest_node
Etcd3._update_leader = update_leader

if __name__ == "__main__":
    main()
