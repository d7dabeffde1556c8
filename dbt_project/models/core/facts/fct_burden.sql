with sheets as (

    select * from {{ ref('stg_lake__burden') }}
    where {{ changed_periods_filter('period') }}

),

standing as (

    select submission_id
    from {{ ref('fct_submission') }}
    where
        is_standing
        and {{ changed_periods_filter('period') }}

),

final as (

    select
        sheets.submission_id,
        sheets.unit_code,
        sheets.period,
        sheets.form,
        cast(sum(sheets.asked_count) as integer) as asked_count,
        cast(sum(sheets.prefilled_count) as integer) as prefilled_count
    from sheets
    inner join standing on sheets.submission_id = standing.submission_id
    group by sheets.submission_id, sheets.unit_code, sheets.period, sheets.form

)

select * from final
