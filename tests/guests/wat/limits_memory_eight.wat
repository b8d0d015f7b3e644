;; Eight memories, each far below the limit.
;;! beside 7 (module (memory 16))
