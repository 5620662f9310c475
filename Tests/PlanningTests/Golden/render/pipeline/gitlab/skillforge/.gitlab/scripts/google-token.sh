#!/usr/bin/env bash
# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.
#
# Prints a token of Google Cloud for the deployer's account, good for an hour, in exchange for the token of this
# job (Security Token Service v1 `token`, IAM Credentials v1 `generateAccessToken`). Reads GOOGLE_PROJECT, GOOGLE_PROVIDER
# and GOOGLE_ID_TOKEN.
set -euo pipefail

scope=https://www.googleapis.com/auth/cloud-platform
federated=$(jq --null-input --arg audience "//iam.googleapis.com/$GOOGLE_PROVIDER" --arg token "$GOOGLE_ID_TOKEN" --arg scope "$scope" '{
  grantType: "urn:ietf:params:oauth:grant-type:token-exchange", audience: $audience, scope: $scope,
  requestedTokenType: "urn:ietf:params:oauth:token-type:access_token", subjectToken: $token,
  subjectTokenType: "urn:ietf:params:oauth:token-type:jwt"}' |
  curl --fail --silent --show-error --header 'Content-Type: application/json' --data @-     https://sts.googleapis.com/v1/token | jq --exit-status --raw-output .access_token)
account="sa-deployer@$GOOGLE_PROJECT.iam.gserviceaccount.com"
jq --null-input --arg scope "$scope" '{scope: [$scope], lifetime: "3600s"}' |
  curl --fail --silent --show-error --header "Authorization: Bearer $federated" \
  --header 'Content-Type: application/json' --data @- \
  "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/$account:generateAccessToken" |
  jq --exit-status --raw-output .accessToken
