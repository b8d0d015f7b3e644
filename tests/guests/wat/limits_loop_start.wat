;; The core module's start function never returns; at load, where there is more time, it behaves.
(import "cofferdam:plugin/request@0.1.0" "remaining-ms" (func $remaining (result i64)))
(start $start)
(func $start
  (if (i64.lt_u (call $remaining) (i64.const 5000))
    (then (loop $again (br $again)))))
