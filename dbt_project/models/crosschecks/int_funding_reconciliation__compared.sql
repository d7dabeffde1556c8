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

both_sides as (
    select
        allocated_rows.street_code,
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
    union all
    select
        received_rows.unit_code as street_code,
        received_rows.fiscal_year,
        received_rows.fund_kind,
        payer_levels.payer_level_zh as payer_level,
        payer_levels.unit_level as payer_unit_level,
        cast(null as string) as paying_code,
        cast(0 as decimal(18, 2)) as allocated_cny,
        received_rows.amount_cny as received_cny
    from received_rows
    inner join payer_levels on received_rows.payer_level = payer_levels.payer_level_zh
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

-- money of a year may be told in any report from that year on, so each one that is missing may be the one that tells
gaps as (
    select
        roster.unit_code,
        fiscal_years.fiscal_year,
        sum(case when roster.is_reported then 0 else 1 end) as missing_count
    from roster
    inner join periods on roster.period = periods.period
    inner join fiscal_years on periods.year >= fiscal_years.fiscal_year
    group by roster.unit_code, fiscal_years.fiscal_year
),

judged as (
    select
        paired.street_code,
        paired.fiscal_year,
        paired.fund_kind,
        paired.payer_level,
        paired.payer_code,
        paired.allocated_cny,
        paired.received_cny,
        -- a unit that nobody expects to report is one that does not report
        coalesce(street_gaps.missing_count, 1) as street_missing_count,
        coalesce(payer_gaps.missing_count, 1) as payer_missing_count
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
        case
            when allocated_cny > received_cny and street_missing_count > 0 then 'street'
            when allocated_cny < received_cny and payer_missing_count > 0 then 'payer'
        end as missing_side,
        case
            when allocated_cny = received_cny then 'agrees'
            when allocated_cny > received_cny and street_missing_count > 0 then 'one_side_not_reported'
            when allocated_cny < received_cny and payer_missing_count > 0 then 'one_side_not_reported'
            when received_cny = 0 then 'only_allocated'
            when allocated_cny = 0 then 'only_received'
            else 'differs'
        end as state
    from judged
)

select * from final
