;; `run` never returns.
(func (export "cofferdam:plugin/tools@0.1.0#call-tool") (type $call)
  (loop $again (br $again))
  (unreachable))
