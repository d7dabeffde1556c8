-- 上级说拨了、街道说没收到：哪些金额对不上？由谁核实？
-- Paid according to the committee, not received according to the street: which amounts differ, and who must clear them?
-- Money that only one side has had to report is not a difference yet (states one_side_…) and left out.
select
    unit_name,
    payer_name,
    fund_kind,
    allocated_cny,
    received_cny,
    difference_cny,
    state_zh,
    clear_by_unit_name
from marts.mart_funding_reconciliation
where state in ('differs', 'only_allocated', 'only_received')
order by abs(difference_cny) desc, unit_code, fund_kind, payer_level
limit 8
