"""A worker for tests: says back what it hears; on ("die", code) it ends itself."""

import ast
import os
import sys
from multiprocessing.connection import Client

address, key = ast.literal_eval(sys.stdin.readline()), bytes.fromhex(sys.stdin.readline().strip())
connection = Client(address, authkey=key)
connection.send(("ready",))
while True:
    try:
        message = connection.recv()
    except EOFError:
        break
    if message[0] == "die":
        print("about to die", file=sys.stderr, flush=True)
        os._exit(message[1])
    connection.send(("heard", *message))
