;; `run` asks the host the same question for ever.
(import "cofferdam:plugin/request@0.1.0" "is-cancelled" (func $cancelled (result i32)))
(func (export "cofferdam:plugin/tools@0.1.0#call-tool") (type $call)
  (loop $again
    (drop (call $cancelled))
    (br $again))
  (unreachable))
