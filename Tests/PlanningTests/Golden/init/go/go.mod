module example.com/acme/ledger/v2

go 1.23

require github.com/jackc/pgx/v5 v5.7.0
