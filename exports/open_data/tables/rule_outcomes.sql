-- Whether each street meets each rule: not as soon as one of its subjects fails.
select
    unit_code,
    rule_id as item,
    case
        when bool_or(outcome = 'fail') then 'not_met'
        when bool_or(outcome = 'pass') then 'met'
        else 'not_judged'
    end as category
from warehouse.marts.mart_rule_result
where unit_level = 'street' and period = $period
group by unit_code, rule_id
