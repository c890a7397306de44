"""Runs commands of the installed aws CLI (version 1) in one process: each costs a tenth of a process of its own.

A client sends the id of its shell and the arguments, each ended by a NUL, and an empty one; the answer is the exit code in a
line, and what the command printed.
"""
import contextlib
import io
import os
import socketserver
import tempfile

from awscli.clidriver import create_clidriver

driver = create_clidriver()


def run(shell, arguments):
    """Files that only the shell has open (`<(…)`) are read through it; `/dev/stdout` is the answer."""
    with tempfile.NamedTemporaryFile("r") as standard_output:
        own = {"/dev/stdout": standard_output.name}
        arguments = [own.get(one, one).replace("/dev/fd/", f"/proc/{shell}/fd/") for one in arguments]
        if arguments[:1] == ["sqs"]:
            # This version takes no other address for SQS.
            arguments += ["--endpoint-url", os.environ["AWS_ENDPOINT_URL"]]
        output = io.StringIO()
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
            try:
                code = driver.main(arguments)
            except SystemExit as end:
                code = end.code
        return f"{code}\n{standard_output.read()}{output.getvalue()}"


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        received = b""
        while not received.endswith(b"\0\0"):
            received += self.request.recv(65536)
        shell, *arguments = received[:-2].decode().split("\0")
        self.wfile.write(run(shell, arguments).encode())


with socketserver.TCPServer(("127.0.0.1", 0), Handler) as server:
    print(server.server_address[1], flush=True)
    server.serve_forever()
