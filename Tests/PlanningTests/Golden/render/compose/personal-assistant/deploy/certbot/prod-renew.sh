#!/bin/sh
# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.
# Certificates of prod: one for all hosts, looked at twice a day, handed to the edge's user.
set -eu
hand_over() {
    # Rights before the owner: afterwards root without its rights may not change them.
    install -m 0400 "$1" /certificates/tls.key.new
    install -m 0444 "$2" /certificates/tls.crt.new
    chown 101:101 /certificates/tls.key.new /certificates/tls.crt.new
    mv /certificates/tls.key.new /certificates/tls.key
    mv /certificates/tls.crt.new /certificates/tls.crt
}
live=/etc/letsencrypt/live/personal-assistant
if [ ! -e /certificates/tls.crt ]; then
    # The edge has to listen before it can be asked: until then with a certificate nobody trusts.
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 7 -subj /CN=assistant.example \
        -keyout /tmp/first.key -out /tmp/first.crt
    hand_over /tmp/first.key /tmp/first.crt
fi
while :; do
    # Does nothing before a third of the certificate's time is left; a refusal is tried again.
    if certbot certonly --non-interactive --agree-tos --email devops@assistant.example --no-eff-email \
        --webroot -w /challenges --cert-name personal-assistant --keep-until-expiring --key-type ecdsa \
        --work-dir /tmp --logs-dir /tmp --max-log-backups 5 -d assistant.example
    then
        hand_over "$live/privkey.pem" "$live/fullchain.pem"
        pause=43200
    else
        pause=3600
    fi
    sleep "$pause" &
    wait $!
done
