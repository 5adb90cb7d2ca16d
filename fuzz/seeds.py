#!/usr/bin/env python3
"""Writes seeds into fuzz/corpus from what the project wrote itself: the vectors of
tests/conform/smuggling and the conversations of tests/wire/scripts.
usage, from the top of the tree: fuzz/seeds.py
Files whose names begin with "found" (inputs that once failed) or "grown" (reached by
fuzzing) stay; all others of these targets are written anew.
SPDX-License-Identifier: MIT"""
import glob
import json
import os
import re

MOST_FILES, MOST_BYTES = 150, 2000

# --- wire scripts -----------------------------------------------------------------------


def unescape(text, times=None):
    """The bytes of a line of a wire script; a repetition becomes `times(bytes, n)`."""
    out, at = b'', 0
    simple = {'r': b'\r', 'n': b'\n', 't': b'\t', '0': b'\0', 's': b' '}
    while at < len(text):
        repeat = re.match(r'\{(\d+)\*((?:[^\\}]|\\.)*)\}', text[at:])
        if text[at] == '\\' and text[at + 1] == 'x':
            out, at = out + bytes([int(text[at + 2:at + 4], 16)]), at + 4
        elif text[at] == '\\':
            out, at = out + simple.get(text[at + 1], text[at + 1].encode()), at + 2
        elif repeat:
            n, piece = int(repeat[1]), unescape(repeat[2])
            out, at = out + (times or (lambda p, k: p * k))(piece, n), at + repeat.end()
        else:
            out, at = out + text[at].encode(), at + 1
    return out


def escape(data):
    return data.replace(b'\xff', b'\xff\xff')


def run(piece, n):
    """Long runs are a command of the hostile server; their length is another then."""
    if len(piece) * n < MOST_BYTES:
        return piece * n
    sizes = [100, 1000, 4096, 17000, 70000, 300000, 1100000]
    nearest = min(range(7), key=lambda i: abs(sizes[i] - len(piece) * n))
    return b'\0RUN' + bytes([nearest])


def pause(text):
    ms = int(re.match(r'\d+', text)[0])
    return b'\xffp' + bytes([ms // 2 if ms < 400 else min(255, 199 + ms // 2000)])


def server(lines):
    """What the peer does on each connection, as tests/lib/hostile.h wants it."""
    connections, now = {1: b''}, 1
    for line in lines:
        kind, rest = line[:1], line[1:].strip()
        done = b''
        if line.startswith('connection '):
            now = int(line.split()[1])
            connections.setdefault(now, b'')
        elif kind == '>' and rest.startswith('{') and connections[now][-2:] != b'\xff>':
            done = b'\xff>'
        elif kind == '<':
            done = escape(unescape(line[1:].strip('|').strip(), run))
            done = done.replace(b'\0RUN', b'\xffR')
        elif kind == '~':
            done = pause(rest)
        elif kind == '!':
            done = {'end': b'\xffc', 'close': b'\xffw\xffc', 'reset': b'\xffr',
                    'refuse': b'\xffO\xfe', 'silence': b'\xffO\xff'}.get(rest, b'')
        connections[now] += done
    return b'\xffN'.join(connections.get(i + 1, b'') for i in range(max(connections)))


METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'GET /t', 'PATCH']


def user(lines):
    """The first bytes of fuzz_session: at most four calls, and their options."""
    calls, is_late = [], 0
    for line in lines:
        word = line.split()[:1]
        if line.startswith('call '):
            method = line.split()[1]
            what = METHODS.index(method) if method in METHODS else 0
            calls.append([what | is_late, 0, 0])
            is_late = 0
        elif line.startswith('sleep'):
            is_late = 64
        elif line[:1] in ' \t' and word and calls:
            option = line.split()
            size = re.match(r'\{(\d+)\*', option[-1])
            if word[0] in ('body', 'text'):
                calls[-1][0] |= 24 if word[0] == 'body' else 8
                calls[-1][2] |= 64 if size and int(size[1]) > 1000 else 0
            calls[-1][1] |= {'stream': 1, 'discard': 2, 'take': 4}.get(word[0], 0)
            calls[-1][1] |= 8 if 'close' in line else 0
            calls[-1][2] |= 1 if word[0].startswith('timeout.') else 0
            calls[-1][2] |= 4 if word[0] == 'timeout.total' else 0
            calls[-1][2] |= 16 if word[0].startswith('limits.') else 0
    calls = calls[:4] or [[0, 0, 0]]
    flat = sum(calls + [[0, 0, 0]] * (4 - len(calls)), [])
    return bytes([len(calls) - 1, 0, 0, 0] + flat)


def wire_scripts():
    for path in sorted(glob.glob('tests/wire/scripts/*.wire')):
        lines = open(path, encoding='utf-8').read().splitlines()
        yield os.path.basename(path)[:-5], [x for x in lines if x and x[0] != '#']


def sent_first(lines):
    """All that the peer sends on the first connection."""
    texts = []
    for line in lines:
        if line.startswith('connection 2'):
            break
        if line.startswith('<'):
            texts.append(unescape(line[1:].strip('|').strip()))
    return b''.join(texts)


# --- seeds ------------------------------------------------------------------------------


def vectors():
    for path in sorted(glob.glob('tests/conform/smuggling/*.jsonl')):
        for line in open(path, encoding='ascii'):
            vector = json.loads(line)
            if 'input' in vector and vector['input'] is not None:
                yield vector['id'].replace('/', '-'), vector


def framing_seeds():
    for name, v in vectors():
        flags = (v['request_method'] == 'HEAD') | bool(v['eof']) << 1
        cuts = len(v['input'])
        yield name, bytes([flags, cuts % 5, cuts % 256]) + v['input'].encode('latin-1')


def heads():
    for name, lines in wire_scripts():
        yield name, sent_first(lines)
    for name, v in vectors():
        yield name, v['input'].encode('latin-1')


def response_seeds():
    for name, text in heads():
        yield name, bytes([len(text) % 5, 1]) + text[:text.find(b'\r\n\r\n') + 4]


def fields_seeds():
    for name, text in heads():
        fields = text[text.find(b'\r\n') + 2:text.find(b'\r\n\r\n') + 2]
        yield name, b'\0' + fields


def session_seeds():
    for name, lines in wire_scripts():
        yield name, user(lines) + server(lines)


def request_seeds():
    lines = {
        'get': ['GET', 'http://a.test/path?q=1#f'],
        'post-body': ['POST', 'http://a.test:81/', 'X-One', '1', 'x-one', '2', '', 'body'],
        'options-all': ['OPTIONS', 'http://a.test', '', '*'],
        'removed': ['GET', 'http://u:p@[::1]:8080/', 'User-Agent', '\x7f', 'Accept', 'b'],
        'host': ['PUT', 'http://a.test/', 'Host', 'other', 'Content-Length', '4', '', 'body'],
        'smuggle-value': ['GET', 'http://a.test/', 'X', 'a\r\nY: b'],
        'smuggle-name': ['GET', 'http://a.test/', 'X: a\r\nY', 'b'],
        'smuggle-method': ['GET / HTTP/1.1\r\nX:', 'http://a.test/'],
        'smuggle-url': ['GET', 'http://a.test/ HTTP/1.1\r\nX: b\r\n\r\n'],
        'smuggle-target': ['GET', 'http://a.test/', '', '/ HTTP/1.1\r\nX: b'],
        'transfer': ['POST', 'http://a.test/', 'Transfer-Encoding', 'chunked', '', 'x'],
        'close': ['DELETE', 'http://a.test/%7e/../x y', 'Connection', 'close'],
        'token': ["M!#$%&'*+-.^_`|~9", 'http://a.test/'],
        'folded': ['GET', 'http://a.test/', 'X', 'a\r\n b', 'Y', ' lead', 'Z', 'trail '],
        'connect': ['CONNECT', 'http://a.test/'],
        'https': ['GET', 'https://a.test/'],
    }
    for name, words in lines.items():
        for flags in range(0, 256, 37):
            text = '\0'.join(words).encode('latin-1')
            yield '%s-%d' % (name, flags), bytes([flags, flags * 7 % 256]) + text


def options_seeds():
    for i in range(24):
        yield 'mix-%d' % i, bytes((i * 37 + j * j * (i + 3)) % 256 for j in range(96))


def write(target, seeds):
    folder = 'fuzz/corpus/' + target
    os.makedirs(folder, exist_ok=True)
    for name in os.listdir(folder):
        if not name.startswith(('found', 'grown')):
            os.remove(os.path.join(folder, name))
    unlike = {}
    for name, data in seeds:
        if len(data) <= MOST_BYTES:
            unlike.setdefault(data, name)
    room = MOST_FILES - len(os.listdir(folder))
    step = max(1, len(unlike) / room) # some of everything, if not all of it
    for i in range(min(room, len(unlike))):
        data, name = list(unlike.items())[int(i * step)]
        with open(os.path.join(folder, name), 'wb') as f:
            f.write(data)
    print('%-9s %3d' % (target, len(os.listdir(folder))))


def main():
    for target in ('fields', 'framing', 'options', 'request', 'response', 'session'):
        if os.path.exists('fuzz/fuzz_%s.c' % target):
            write(target, globals()[target + '_seeds']())


if __name__ == '__main__':
    main()
