#!/bin/sh
# A certificate that the roles show, and the token that they ask for. Everybody who has the volume may read both: it is a demo.
set -eu
cd /run/access
[ -s token ] && exit 0
openssl req -x509 -newkey rsa:2048 -nodes -days 365 -subj /CN=sluice-demo \
  -addext "subjectAltName=DNS:source,DNS:transform,DNS:sink" -keyout tls.key -out tls.crt
chmod 444 tls.key tls.crt
openssl rand -hex 24 >token.new
chmod 444 token.new
mv token.new token
