-- Money that committees paid to the street (or to all streets below) against what was received; yuan.
-- payment_count: pairs of street and payer, kind and year; who must clear a difference is told to the street alone.
select
    above.above_code as unit_code,
    money.fiscal_year as year,
    money.payer_level as payer,
    money.fund_kind as kind,
    money.state,
    count(*)::integer as payment_count,
    sum(money.allocated_cny)::double as allocated,
    sum(money.received_cny)::double as received,
    sum(money.difference_cny)::double as difference,
    case when above.above_code = above.unit_code then any_value(money.clear_by_unit_name) end as clear_by
from marts.mart_funding_reconciliation as money
inner join document_above as above using (unit_code)
left join rulebook.payer_levels as levels on money.payer_level = levels.payer_level_zh
group by above.above_code, above.above_code = above.unit_code, money.fiscal_year, money.payer_level, money.fund_kind,
    money.state
order by above.above_code, year desc, min(list_position(['province', 'city', 'district'], levels.unit_level)), payer, kind,
    money.state
