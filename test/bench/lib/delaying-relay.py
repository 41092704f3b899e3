"""
The middle of test/bench/lib/delayed-network.ts: one tun device for each host, and every packet goes to the host that it is for after a
delay, or is lost. Linux only, as root. Python, because Node cannot open a tun device.
Usage: python3 delaying-relay.py DELAY_MS LOSS SEED DEVICE=ADDRESS ...; says "ready" when the devices are there, ends when its input does.
"""
import fcntl
import heapq
import os
import random
import select
import struct
import sys
import time

TUNSETIFF = 0x400454CA
IFF_TUN = 0x0001
IFF_NO_PI = 0x1000
# Packets that wait in all; what comes more is lost, as in any router.
MOST_WAITING = 65_536

delay = float(sys.argv[1]) / 1_000
loss = float(sys.argv[2])
draw = random.Random(int(sys.argv[3])).random
devices = {}
for text in sys.argv[4:]:
    name, address = text.split("=")
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TUN | IFF_NO_PI))
    devices[bytes(int(part) for part in address.split("."))] = device
print("ready", flush=True)

waiting = []
poll = select.poll()
poll.register(sys.stdin.fileno(), select.POLLIN | select.POLLHUP)
for device in devices.values():
    poll.register(device, select.POLLIN)
count = 0
while True:
    now = time.monotonic()
    while waiting and waiting[0][0] <= now:
        _, _, device, packet = heapq.heappop(waiting)
        try:
            os.write(device, packet)
        except OSError:
            pass  # The host is not up, or its queue is full: lost.
    timeout = max(0.0, waiting[0][0] - now) * 1_000 if waiting else 1_000
    for ready, _ in poll.poll(timeout):
        if ready == sys.stdin.fileno():
            sys.exit(0)
        # As many as are there, so that the clock is not asked for each.
        for _ in range(64):
            try:
                packet = os.read(ready, 65_536)
            except (BlockingIOError, OSError):
                break
            device = devices.get(packet[16:20]) if packet[0] >> 4 == 4 else None
            if device is None or draw() < loss or len(waiting) >= MOST_WAITING:
                continue
            count += 1
            heapq.heappush(waiting, (time.monotonic() + delay, count, device, packet))
