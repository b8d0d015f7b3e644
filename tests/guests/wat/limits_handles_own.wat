;; `run` makes resources of its own for ever, without any call into the host.
;;! world export things: interface { resource thing { constructor(); } }
(import "[export]things" "[resource-new]thing" (func $new (param i32) (result i32)))
(func (export "things#[constructor]thing") (result i32)
  (call $new (i32.const 0)))
(func (export "cofferdam:plugin/tools@0.1.0#call-tool") (type $call)
  (loop $again
    (drop (call $new (i32.const 0)))
    (br $again))
  (unreachable))
