"""Mistakes of the outbox and of delivery."""

from tests.mutations.mutation import Mutation

OUTBOX = "views_engine/notifying/outbox.py"
DELIVERY = "views_engine/notifying/delivery.py"
POLICY = "views_engine/notifying/policy.py"
POSTING = "views_engine/notifying/posting.py"
ADDRESSES = "views_engine/notifying/addresses.py"
TESTS = "views_engine/notifying/tests"

MUTATIONS = (
    Mutation(
        name="outbox-no-unique-row",
        file="views_engine/notifying/migrations/0001_initial.py",
        old="constraint=models.UniqueConstraint(fields=('channel', 'alert_id', 'revision'), name=",
        new="constraint=models.UniqueConstraint(fields=('channel', 'alert_id', 'revision', 'id'), name=",
        killed_by=(f"{TESTS}/test_outbox.py",),
        why="Two mirrors at the same time tell people twice.",
    ),
    Mutation(
        name="outbox-tells-before-the-commit",
        file=OUTBOX,
        old="        transaction.on_commit(_send)\n",
        new="        _send()\n",
        killed_by=(f"{TESTS}/test_outbox.py",),
        why="What is rolled back was announced all the same, or the task comes before the row.",
    ),
    Mutation(
        name="outbox-corrections-always-told",
        file=POLICY,
        old="    if is_correction(change, late=late):\n",
        new="    if False:\n",
        killed_by=(f"{TESTS}/test_policy.py",),
        why="A rule that wants silence about corrections is not obeyed.",
    ),
    Mutation(
        name="outbox-lateness-off",
        file=POLICY,
        old="    return now - observed_at > timedelta(seconds=policy.max_lateness_s)\n",
        new="    return now - observed_at > timedelta(milliseconds=policy.max_lateness_s)\n",
        killed_by=(f"{TESTS}/test_policy.py",),
        why="What is fresh is only noted.",
    ),
    Mutation(
        name="delivery-claim-without-condition",
        file=DELIVERY,
        old=", attempts=delivery.attempts, next_attempt_at=delivery.next_attempt_at\n",
        new="\n",
        killed_by=(f"{TESTS}/test_delivery.py",),
        why="Two workers that saw the same row both send it.",
    ),
    Mutation(
        name="delivery-sent-before-claimed",
        file=DELIVERY,
        old="if claim(delivery, now)]",
        new="if claim(delivery, now) or True]",
        killed_by=(f"{TESTS}/test_delivery.py",),
        why="Whoever loses the race for a row sends it all the same.",
    ),
    Mutation(
        name="delivery-another-key-at-every-attempt",
        file=DELIVERY,
        old="Message(key=delivery.key,",
        new='Message(key=f"{delivery.key}-{delivery.attempts}",',
        killed_by=(f"{TESTS}/test_delivery.py",),
        why="A receiver cannot tell the second copy of a message from a new one.",
    ),
    Mutation(
        name="delivery-never-given-up",
        file="views_engine/notifying/retrying.py",
        old="    return at if at < give_up_at else None\n",
        new="    return at\n",
        killed_by=(f"{TESTS}/test_retrying.py",),
        why="A webhook that is gone is asked for ever.",
    ),
    Mutation(
        name="posting-resolves-behind-the-guard",
        file=POSTING,
        old="self.network.connect_tcp(address, port,",
        new="self.network.connect_tcp(host, port,",
        killed_by=(f"{TESTS}/test_posting.py",),
        why="A name server that changes its mind leads us into the private network.",
    ),
    Mutation(
        name="posting-one-public-address-is-enough",
        file=ADDRESSES,
        old="    if private and not allow_private:\n",
        new="    if len(private) == len(addresses) and not allow_private:\n",
        killed_by=(f"{TESTS}/test_addresses.py",),
        why="A name with a public and a private address passes the guard.",
    ),
    Mutation(
        name="posting-wrapped-addresses-pass",
        file=ADDRESSES,
        old="    address = _unwrapped(ip_address(",
        new="    address = (ip_address(",
        killed_by=(f"{TESTS}/test_addresses.py",),
        why="NAT64 and 6to4 addresses lead into the private network.",
    ),
)
