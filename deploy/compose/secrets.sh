#!/bin/sh
# Runs once before everything else: makes the passwords that nobody needs to know, and hands every service only its own.
# What is there already stays, so that a second `docker compose up` finds what the first one made.
set -eu
umask 077

random() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }

give() { # VALUE FILE OWNER: readable by the owner alone, and there as a whole or not at all: a running router looks every two seconds
  new="${2%/*}/.${2##*/}"
  printf '%s' "$1" > "$new"
  chown "$3" "$new"
  chmod 400 "$new"
  mv "$new" "$2"
}

[ -s /postgres/password ] || give "$(random)" /postgres/password 0:0
[ -s /prometheus/management-key ] || give "$(random)" /prometheus/management-key 65534:65534
[ ! -f /given/Management__ApiKey ] || give "$(cat /given/Management__ApiKey)" /prometheus/management-key 65534:65534
[ -s /grafana/admin-password ] || give "$(random)" /grafana/admin-password 472:0

give "Host=postgres;Database=intent_router;Username=intent_router;Password=$(cat /postgres/password);Maximum Pool Size=10" /router/Store__Connection 1654:1654
give "$(cat /prometheus/management-key)" /router/Management__ApiKey 1654:1654
# A secret that was taken away would go on naming a bot that is gone.
for file in /router/*; do
  case "${file##*/}" in Store__Connection | Management__ApiKey) ;; *) [ -f "/given/${file##*/}" ] || rm -f "$file" ;; esac
done
for file in /given/*; do
  [ -f "$file" ] && give "$(cat "$file")" "/router/${file##*/}" 1654:1654
done
# The router reads the folder itself.
for folder in router:1654 prometheus:65534 grafana:472; do chown "${folder#*:}" "/${folder%:*}" && chmod 500 "/${folder%:*}"; done
