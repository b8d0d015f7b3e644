;; `list-tools` never returns.
(func (export "cofferdam:plugin/tools@0.1.0#list-tools") (type $list)
  (loop $again (br $again))
  (unreachable))
