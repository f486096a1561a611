# Routes one multicast group of each family from one link to another, as long as it lives: linux/mroute.h, linux/mroute6.h.
# multicast-router.py FROM TO SOURCE4 SOURCE6 GROUP4 GROUP6
import socket, struct, sys, time

INIT, ADD_INTERFACE, ADD_ROUTE, USE_INDEX = 200, 202, 204, 8
links = [socket.if_nametoindex(name) for name in sys.argv[1:3]]
source4, source6, group4, group6 = sys.argv[3:7]

four = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_IGMP)
four.setsockopt(socket.IPPROTO_IP, INIT, 1)
for number, link in enumerate(links):
    four.setsockopt(socket.IPPROTO_IP, ADD_INTERFACE, struct.pack('HBBIi4x', number, USE_INDEX, 1, 0, link))
four.setsockopt(socket.IPPROTO_IP, ADD_ROUTE, struct.pack(
    '4s4sH32sIIIi', socket.inet_aton(source4), socket.inet_aton(group4), 0, bytes([0, 1]).ljust(32, b'\0'), 0, 0, 0, 0))

def address(text):
    return struct.pack('HH4x16s4x', socket.AF_INET6, 0, socket.inet_pton(socket.AF_INET6, text))

six = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
six.setsockopt(socket.IPPROTO_IPV6, INIT, 1)
for number, link in enumerate(links):
    six.setsockopt(socket.IPPROTO_IPV6, ADD_INTERFACE, struct.pack('HBBHI', number, 0, 1, link, 0))
six.setsockopt(socket.IPPROTO_IPV6, ADD_ROUTE, address(source6) + address(group6) + struct.pack('HxxI28x', 0, 2))

print('ready', flush=True)
time.sleep(60)
