;; Ten tables, each far below the limit.
;;! beside 10 (module (table 1000 funcref))
