def my_check(room):
    alice, bob = room.join("alice", "bob")
    alice.send("who")
    alice.reads(f"[{alice.addr}] is online", f"[{bob.addr}] is online")
    if bob.listen(0.3):
        raise ValueError("Bob has read something")
    for number, text in enumerate(["who ", " who", "WHO", "whom"], 1):
        bob.send(text, f"number {number}")
        alice.reads(bob.says(text), bob.says(f"number {number}"))
