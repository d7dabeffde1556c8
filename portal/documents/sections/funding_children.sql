-- The same money by those that report to the unit, each with all below it; yuan. unsettled_count: payments that differ.
select
    units.parent_code as unit_code,
    units.unit_code as code,
    units.unit_name as name,
    money.fiscal_year as year,
    sum(money.allocated_cny)::double as allocated,
    sum(money.received_cny)::double as received,
    sum(money.difference_cny)::double as difference,
    count(*)::integer as payment_count,
    count(*) filter (where money.state <> 'agrees')::integer as unsettled_count
from marts.mart_funding_reconciliation as money
inner join document_above as above using (unit_code)
inner join document_unit as units on above.above_code = units.unit_code
where units.parent_code is not null
group by units.parent_code, units.unit_code, units.unit_name, money.fiscal_year
order by units.parent_code, year desc, units.unit_code
