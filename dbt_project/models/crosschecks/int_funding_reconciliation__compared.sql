with

allocated_rows as (
    select * from {{ ref('fct_funding_allocated') }}
),

received_rows as (
    select * from {{ ref('fct_funding_received') }}
),

roster as (
    select * from {{ ref('dim_roster') }}
),

periods as (
    select * from {{ ref('dim_period') }}
),

payer_levels as (
    select * from {{ ref('payer_levels') }}
    where unit_level is not null
),

ancestors as (
    select * from {{ ref('bridge_unit_ancestor') }}
    where tree = 'reporting'
),

units as (
    select * from {{ ref('dim_unit_current') }}
),

successors as (
    select distinct
        unit_code,
        predecessor_code
    from {{ ref('int_unit__carrier') }}
    where is_successor
),

carried as (
    select * from {{ ref('int_unit__carried_reports') }}
),

-- A street that has gone goes on in another one, under whichever code either side names it; a quarter that it told
-- under both codes counts once.
both_sides as (
    select
        coalesce(successors.unit_code, allocated_rows.street_code) as street_code,
        allocated_rows.fiscal_year,
        allocated_rows.fund_kind,
        payer_levels.payer_level_zh as payer_level,
        payer_levels.unit_level as payer_unit_level,
        allocated_rows.unit_code as paying_code,
        allocated_rows.amount_cny as allocated_cny,
        cast(0 as decimal(18, 2)) as received_cny
    from allocated_rows
    inner join roster
        on
            allocated_rows.unit_code = roster.unit_code
            and allocated_rows.period = roster.period
    inner join payer_levels on roster.unit_level = payer_levels.unit_level
    left join successors on allocated_rows.street_code = successors.predecessor_code
    union all
    select
        coalesce(successors.unit_code, received_rows.unit_code) as street_code,
        received_rows.fiscal_year,
        received_rows.fund_kind,
        payer_levels.payer_level_zh as payer_level,
        payer_levels.unit_level as payer_unit_level,
        cast(null as string) as paying_code,
        cast(0 as decimal(18, 2)) as allocated_cny,
        received_rows.amount_cny as received_cny
    from received_rows
    inner join payer_levels on received_rows.payer_level = payer_levels.payer_level_zh
    left join successors on received_rows.unit_code = successors.predecessor_code
    left join carried
        on
            successors.unit_code = carried.unit_code
            and received_rows.unit_code = carried.part_code
            and received_rows.period = carried.period
    left join roster as told
        on
            received_rows.unit_code = told.unit_code
            and received_rows.period = told.period
    where successors.unit_code is null or carried.unit_code is not null or told.unit_code is null
),

summed as (
    select
        street_code,
        fiscal_year,
        fund_kind,
        payer_level,
        payer_unit_level,
        cast(sum(allocated_cny) as decimal(18, 2)) as allocated_cny,
        cast(sum(received_cny) as decimal(18, 2)) as received_cny,
        min(paying_code) as paying_code
    from both_sides
    group by street_code, fiscal_year, fund_kind, payer_level, payer_unit_level
),

-- who would have paid where nobody says so: the unit of that level above the street
superiors as (
    select
        ancestors.unit_code as street_code,
        units.unit_level as payer_unit_level,
        min(ancestors.ancestor_code) as payer_code
    from ancestors
    inner join units on ancestors.ancestor_code = units.unit_code
    where ancestors.depth > 0
    group by ancestors.unit_code, units.unit_level
),

paired as (
    select
        summed.street_code,
        summed.fiscal_year,
        summed.fund_kind,
        summed.payer_level,
        summed.allocated_cny,
        summed.received_cny,
        coalesce(summed.paying_code, superiors.payer_code) as payer_code
    from summed
    left join superiors
        on
            summed.street_code = superiors.street_code
            and summed.payer_unit_level = superiors.payer_unit_level
),

fiscal_years as (
    select distinct fiscal_year
    from summed
),

reports as (
    select
        unit_code,
        period,
        is_reported,
        state = 'nil' as is_nil
    from roster
    union all
    select
        unit_code,
        period,
        is_reported,
        is_nil
    from carried
),

-- money of a year may be told in any report from that year on, so each one that is missing may be the one that tells
gaps as (
    select
        reports.unit_code,
        fiscal_years.fiscal_year,
        sum(case when reports.is_reported then 0 else 1 end) as missing_count,
        sum(case when reports.is_nil then 1 else 0 end) as nil_count
    from reports
    inner join periods on reports.period = periods.period
    inner join fiscal_years on periods.year >= fiscal_years.fiscal_year
    group by reports.unit_code, fiscal_years.fiscal_year
),

-- only the side that names less can have left something out; a unit that nobody expects to report is one that does not
judged as (
    select
        paired.street_code,
        paired.fiscal_year,
        paired.fund_kind,
        paired.payer_level,
        paired.payer_code,
        paired.allocated_cny,
        paired.received_cny,
        case
            when paired.allocated_cny > paired.received_cny then 'street'
            when paired.allocated_cny < paired.received_cny then 'payer'
        end as short_side,
        case
            when paired.allocated_cny > paired.received_cny then coalesce(street_gaps.missing_count, 1)
            when paired.allocated_cny < paired.received_cny then coalesce(payer_gaps.missing_count, 1)
        end as missing_count,
        -- who names some of the money has told of it, and a nil report beside that one says no more
        case
            when paired.allocated_cny > 0 and paired.received_cny = 0 then street_gaps.nil_count
            when paired.received_cny > 0 and paired.allocated_cny = 0 then payer_gaps.nil_count
        end as nil_count
    from paired
    left join gaps as street_gaps
        on
            paired.street_code = street_gaps.unit_code
            and paired.fiscal_year = street_gaps.fiscal_year
    left join gaps as payer_gaps
        on
            paired.payer_code = payer_gaps.unit_code
            and paired.fiscal_year = payer_gaps.fiscal_year
),

final as (
    select
        street_code,
        fiscal_year,
        fund_kind,
        payer_level,
        payer_code,
        allocated_cny,
        received_cny,
        cast(allocated_cny - received_cny as decimal(18, 2)) as difference_cny,
        case when missing_count > 0 or nil_count > 0 then short_side end as missing_side,
        case
            when allocated_cny = received_cny then 'agrees'
            when missing_count > 0 then 'one_side_not_reported'
            when nil_count > 0 then 'one_side_nil'
            when received_cny = 0 then 'only_allocated'
            when allocated_cny = 0 then 'only_received'
            else 'differs'
        end as state
    from judged
)

select * from final
