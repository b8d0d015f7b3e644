;; More core instances than a plugin needs.
;;! beside 20 (module)
