with

roster as (
    select * from {{ ref('dim_roster') }}
),

burdens as (
    select * from {{ ref('fct_burden') }}
),

nil_returns as (
    select submission_id
    from {{ ref('fct_submission') }}
    where is_nil
),

reports as (
    select burdens.*
    from burdens
    left join nil_returns on burdens.submission_id = nil_returns.submission_id
    where nil_returns.submission_id is null
),

-- the report from which the workbook of the period is prefilled: the last one before it that lists anything
ranked_earlier as (
    select
        roster.unit_code,
        roster.period,
        reports.period as prefilled_from,
        reports.asked_count,
        reports.prefilled_count,
        row_number() over (
            partition by roster.unit_code, roster.period
            order by reports.period desc
        ) as rank_number
    from roster
    inner join reports
        on
            roster.unit_code = reports.unit_code
            and roster.period > reports.period
),

earlier as (
    select * from ranked_earlier
    where rank_number = 1
),

-- without one, the rows of the lists are those that the unit then reported
counted as (
    select
        roster.*,
        earlier.prefilled_from,
        coalesce(earlier.asked_count, burdens.asked_count) as asked_count,
        coalesce(earlier.prefilled_count, 0) as prefilled_count
    from roster
    left join earlier
        on
            roster.unit_code = earlier.unit_code
            and roster.period = earlier.period
    left join burdens on roster.submission_id = burdens.submission_id
),

final as (
    select
        unit_code,
        unit_name,
        unit_level,
        district_code,
        district_name,
        city_code,
        city_name,
        province_code,
        province_name,
        period,
        prefilled_from,
        asked_count,
        prefilled_count,
        case
            when asked_count > 0
                then cast(round(cast(prefilled_count as decimal(18, 4)) * 100 / asked_count, 1) as decimal(5, 1))
        end as prefilled_pct
    from counted
)

select * from final
order by period, unit_code
